; A Multiboot kernel in low memory, such as those that go on in real mode: it must be there as it was in the file, whatever the firmware and the
; loader did on the way, and the stack that it finds must lie outside it.
        bits 32
        org 4000h

header:
        dd 1badb002h, 10000h, -(1badb002h + 10000h)
        dd header, 4000h, 0, 0, start

start:
        push eax                        ; on the stack that was found
        push ebx
        pop ebx
        pop eax
        mov ecx, eax
        mov dx, 3fbh                    ; words of 8 bits
        mov al, 3
        out dx, al
        mov esi, failed
        cmp ecx, 2badb002h
        jne .tell
        cmp esp, 1000h
        jb .tell
        cmp esp, header
        jbe .sum
        cmp esp, end
        jb .tell
.sum:
        mov ebx, pattern
        mov ecx, (end - pattern) / 4
        xor edx, edx
.next:
        cmp [ebx], edx
        jne .tell
        add ebx, 4
        add edx, 01030507h
        loop .next
        mov esi, passed
.tell:
        cld
.letter:
        mov dx, 3fdh
.wait:
        in al, dx
        test al, 20h
        jz .wait
        lodsb
        test al, al
        jz .done
        mov dx, 3f8h
        out dx, al
        jmp .letter
.done:
        cmp byte [esi - 2], 10
        setne al
        out 0f4h, al
        mov dx, 8900h
        mov esi, shutdown
        mov ecx, 8
        rep outsb
.stay:
        hlt
        jmp .stay

passed: db "ok a kernel in low memory is whole, and has a stack", 13, 10, "passed 1", 13, 10, 0
failed: db "FAIL a kernel in low memory is whole, and has a stack", 13, 10, "passed 0", 13, 0
shutdown: db "Shutdown"
        align 4
pattern:
%assign value 0
%rep 12000
        dd value & 0ffffffffh
    %assign value (value + 01030507h) & 0ffffffffh
%endrep
end:
