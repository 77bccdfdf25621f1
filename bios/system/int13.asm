; INT 13h: floppies go on to INT 40h, as on every PC with a hard disk; disks are served here.

int13:
        push ds
        ds_ebda
        cmp byte [ebda.cd_active], 0
        pop ds
        je .native
        jmp cd_int13
.native:
        cmp dl, 0x80
        jae int13_disk
        int 0x40
        sti
        retf 2

; What INT 13h says in AH.
disk_ok                 equ 0x00
disk_bad_command        equ 0x01
disk_no_address_mark    equ 0x02
disk_write_protected    equ 0x03
disk_not_found          equ 0x04
disk_reset_failed       equ 0x05
disk_changed            equ 0x06
disk_dma_overrun        equ 0x08
disk_dma_boundary       equ 0x09
disk_bad_sector         equ 0x0a
disk_unknown_media      equ 0x0c
disk_crc                equ 0x10
disk_corrected          equ 0x11
disk_controller         equ 0x20
disk_seek               equ 0x40
disk_timeout            equ 0x80
disk_not_ready          equ 0xaa
disk_write_fault        equ 0xcc

int13_disk:
        service_entry
        sti
        and byte [caller_flags], ~carry_flag
        cmp ah, 0x01
        je .last_status
        call find_disk
        jc .no_disk
        mov al, ah
        cmp al, 0x16
        jb .basic
        sub al, 0x41
        cmp al, (edd_functions.end - edd_functions) / 2
        jae .bad
        mov bx, edd_functions
        jmp .call
.basic:
        mov bx, disk_functions
.call:
        mov ah, 0
        shl ax, 1
        add bx, ax
        call [cs:bx]
.finish:                                ; AH = status
        mov ds, [cs:bda_segment]
        mov [bda.disk_status], ah
        mov [caller_ah], ah
        test ah, ah
        jz .exit
.carry:
        or byte [caller_flags], carry_flag
.exit:
        service_exit
.no_disk:
        cmp byte [caller_ah], 0x15      ; "what is this drive?" has the answer: nothing
        mov byte [caller_ah], 0
        je .exit
        cmp ah, 0x08
        jne .bad
        mov al, [bda.disks]             ; "how are they?": this one is not
        mov ah, 0
        mov [caller_dx], ax
        mov ah, 0x07
        jmp .finish
.bad:
        mov ah, disk_bad_command
        jmp .finish
.last_status:
        mov ah, [bda.disk_status]
        mov byte [bda.disk_status], 0
        mov [caller_ah], ah
        mov al, ah
        test ah, ah
        jnz .carry
        jmp .exit

disk_functions:
        dw disk_reset, disk_bad, disk_read, disk_write, disk_verify, disk_bad, disk_bad, disk_bad               ; 00-07
        dw disk_parameters, disk_initialise, disk_bad, disk_bad, disk_seek_to, disk_reset, disk_bad, disk_bad   ; 08-0F
        dw disk_ready, disk_recalibrate, disk_bad, disk_bad, disk_diagnose, disk_type                           ; 10-15

; DS:SI = the disk's record in the extended data area. Carry: there is none. Keeps AX.
find_disk:
        push ax
        mov al, [caller_dl]
        and al, 0x7f
        cmp al, [bda.disks]
        cmc
        jc .done
        mov ah, disk.bytes
        mul ah
        add ax, ebda.disk
        mov si, ax
        ds_ebda
        clc
.done:
        pop ax
        ret
