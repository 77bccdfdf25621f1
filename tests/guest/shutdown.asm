; A fault that cannot be delivered, not even as a double fault: the processor shuts down (SDM volume 3, 6.15, interrupt 8).
%include "kernel/kernel.inc"

main:
        lidt [nowhere]
        ud2
        ret                             ; would be reported as a clean end

        section .data
nowhere: dw 0
        dd 0
        section .text
%include "kernel/end.inc"
